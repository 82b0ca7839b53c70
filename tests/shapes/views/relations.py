"""Screens of the shapes in ``models.relations``."""

from backoffice.admin.aggregates import RelatedCount, RelatedSum
from backoffice.admin.view import RecordView
from tests.shapes.models.relations import (
    Account,
    City,
    Course,
    Enrolment,
    Folder,
    Part,
    Passport,
    Person,
    Reservation,
    Song,
    SongLabel,
    Student,
    Transfer,
    Worker,
)


class WorkerView(RecordView, model=Worker):
    name, name_plural = "Worker", "Workers"
    column_list = [Worker.name, Worker.boss, "team_size"]
    column_aggregates = {"team_size": RelatedCount("Team size", Worker.team)}
    column_searchable_list = [Worker.name, Worker.boss]
    column_sortable_list = [Worker.name, Worker.boss]
    column_details_list = [Worker.name, Worker.boss, Worker.team]
    list_filters = [Worker.boss]
    form_columns = [Worker.name, Worker.boss]


class FolderView(RecordView, model=Folder):
    name, name_plural = "Folder", "Folders"
    column_list = [Folder.name, Folder.parent]
    column_searchable_list = [Folder.name]
    column_sortable_list = [Folder.name, Folder.parent]
    column_details_list = [Folder.name, Folder.parent, Folder.folders]
    list_filters = [Folder.parent]
    form_columns = [Folder.name, Folder.parent]


class AccountView(RecordView, model=Account):
    name, name_plural = "Account", "Accounts"
    column_list = [Account.name, "payments"]
    column_aggregates = {"payments": RelatedCount("Payments", Account.paid)}
    column_searchable_list = [Account.name]
    column_sortable_list = [Account.name]
    column_details_list = [Account.name, "payments", Account.paid]
    form_columns = [Account.name]


class TransferView(RecordView, model=Transfer):
    name, name_plural = "Transfer", "Transfers"
    column_list = [Transfer.name, Transfer.payer, Transfer.payee]
    column_searchable_list = [Transfer.name, Transfer.payer, Transfer.payee]
    column_sortable_list = [Transfer.name, Transfer.payer, Transfer.payee]
    list_filters = [Transfer.payer, Transfer.payee]
    form_columns = [Transfer.name, Transfer.payer, Transfer.payee]


class PersonView(RecordView, model=Person):
    name, name_plural = "Person", "Persons"
    column_list = [Person.name]
    column_searchable_list = [Person.name]
    column_sortable_list = [Person.name]
    column_details_list = [Person.name, Person.passport, Person.friends]
    form_columns = [Person.name, Person.friends]


class PassportView(RecordView, model=Passport):
    name, name_plural = "Passport", "Passports"
    column_list = [Passport.name, Passport.person]
    column_searchable_list = [Passport.name, Passport.person]
    column_sortable_list = [Passport.name, Passport.person]
    list_filters = [Passport.person]
    form_columns = [Passport.name, Passport.person]


class SongView(RecordView, model=Song):
    name, name_plural = "Song", "Songs"
    column_list = [Song.name, Song.labels]
    column_searchable_list = [Song.name]
    column_sortable_list = [Song.name]
    column_details_list = [Song.name, Song.labels]
    form_columns = [Song.name, Song.labels]


class SongLabelView(RecordView, model=SongLabel):
    name, name_plural = "Label", "Labels"
    column_list = [SongLabel.name, "song_count", "last_song"]
    column_aggregates = {
        "song_count": RelatedCount("Number of songs", SongLabel.songs),
        "last_song": RelatedSum("Sum of numbers", SongLabel.songs, Song.id),
    }
    column_searchable_list = [SongLabel.name]
    column_sortable_list = [SongLabel.name]
    column_details_list = [SongLabel.name, SongLabel.songs]
    form_columns = [SongLabel.name]


class StudentView(RecordView, model=Student):
    name, name_plural = "Student", "Students"
    column_list = [Student.name, "course_count", "marks"]
    column_aggregates = {
        "course_count": RelatedCount("Number of courses", Student.enrolments),
        "marks": RelatedSum("Sum of marks", Student.enrolments, Enrolment.mark),
    }
    column_searchable_list = [Student.name]
    column_sortable_list = [Student.name, "marks"]
    column_details_list = [Student.name, Student.enrolments]
    form_columns = [Student.name]


class CourseView(RecordView, model=Course):
    name, name_plural = "Course", "Courses"
    column_list = [Course.name]
    column_searchable_list = [Course.name]
    column_sortable_list = [Course.name]
    column_details_list = [Course.name, Course.enrolments]
    form_columns = [Course.name]


class EnrolmentView(RecordView, model=Enrolment):
    name, name_plural = "Enrolment", "Enrolments"
    column_list = [Enrolment.student, Enrolment.course, Enrolment.mark]
    column_searchable_list = [Enrolment.student]
    column_sortable_list = [Enrolment.student, Enrolment.course, Enrolment.mark]
    list_filters = [Enrolment.student, Enrolment.course, Enrolment.mark]
    form_columns = [Enrolment.student, Enrolment.course, Enrolment.mark]


class CityView(RecordView, model=City):
    name, name_plural = "City", "Cities"
    column_list = [City.name, City.country]
    column_searchable_list = [City.name, City.country]
    column_sortable_list = [City.name, City.country]
    list_filters = [City.country]
    form_columns = [City.name, City.country]


class PartView(RecordView, model=Part):
    name, name_plural = "Part", "Parts"
    column_list = [Part.name, Part.gadget]
    column_searchable_list = [Part.name, Part.gadget]
    column_sortable_list = [Part.name, Part.gadget]
    list_filters = [Part.gadget]
    form_columns = [Part.name, Part.gadget]


class ReservationView(RecordView, model=Reservation):
    name, name_plural = "Reservation", "Reservations"
    column_list = [Reservation.name, Reservation.seat]
    column_searchable_list = [Reservation.name]
    column_sortable_list = [Reservation.name, Reservation.seat]
    form_columns = [Reservation.name, Reservation.seat]


VIEWS: tuple[type[RecordView], ...] = (
    WorkerView,
    FolderView,
    AccountView,
    TransferView,
    PersonView,
    PassportView,
    SongView,
    SongLabelView,
    StudentView,
    CourseView,
    EnrolmentView,
    CityView,
    PartView,
    ReservationView,
)
